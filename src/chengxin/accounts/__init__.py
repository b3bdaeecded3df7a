"""Who may: organisations, people, their roles and keys, and the one question every room asks."""
