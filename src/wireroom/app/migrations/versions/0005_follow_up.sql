-- Records located by others, and those of one day

CREATE INDEX record_entered ON record USING brin (entered_at);

CREATE INDEX record_located ON record (owner, file, id) WHERE status = 'located';
