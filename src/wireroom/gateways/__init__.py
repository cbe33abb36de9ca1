"""Links to other systems, as client and as pretended partner: NCIC, Nlets, DMV, another Wireroom."""
