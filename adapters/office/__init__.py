"""What an office brings as files: the law, the organisation, the roster, decisions; and their strict readers."""
