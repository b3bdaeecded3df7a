"""Pure functions for identifiers, text, time, money, masking and cryptography.

Nothing here knows a database, a web framework or another room of the house. Every function that the checks of a file
need has two forms that must agree: the Python one in its own module, and the DuckDB macro that ``sql`` writes.
"""
