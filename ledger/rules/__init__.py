"""The posting table, one file for each subject; ``ledger.posting`` merges them."""
