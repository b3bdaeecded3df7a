"""The main job on the real files of ../shared/data, read where they lie: no name or code of them stands in here."""
