"""Phase scans as campaigns: a spec with a table [scan], and its run."""
