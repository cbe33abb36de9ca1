-- Which courts DOJ approved to enter orders, and on which ways

CREATE TABLE approval (
    ori TEXT COLLATE "C" NOT NULL,
    way TEXT COLLATE "C" NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    approved_by TEXT COLLATE "C" NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    withdrawn_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (ori, way, since),
    CONSTRAINT approval_of_agency FOREIGN KEY(ori) REFERENCES agency (ori),
    CONSTRAINT approval_way CHECK (way IN ('wire', 'form', 'json', 'niem'))
);

COMMENT ON TABLE approval IS 'Which courts DOJ approved to enter orders, and on which ways.';
