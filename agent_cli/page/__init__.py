"""The page on which a borrower reads, thinks and signs: served to this machine alone, with no network."""
