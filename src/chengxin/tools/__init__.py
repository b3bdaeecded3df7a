"""Tools around the rooms: the generator of an invented province, the catalogue of messages."""
