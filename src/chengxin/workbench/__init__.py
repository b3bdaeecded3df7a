"""The face for the people of source units and of the centre."""
