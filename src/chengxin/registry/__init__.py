"""The register: subjects, records, versions, the change feed and disclosure (design.md section 4)."""
