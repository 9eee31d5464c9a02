"""Every event in Vietnamese words, one file for each subject; ``projections.sentences`` merges them."""
