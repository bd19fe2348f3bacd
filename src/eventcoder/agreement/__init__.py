"""How far coders agree who coded the same thing apart from each other: event finding, and each field with its own metric. Floor 5."""
