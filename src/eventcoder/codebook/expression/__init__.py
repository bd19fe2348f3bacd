"""The expression language of rules: `parser` (grammar and types), `nodes` (the tree), `tokens`, `patterns` (regular expressions)."""
