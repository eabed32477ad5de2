"""Who did it: residents, staff, partners and the system itself. Sign-ins in ``portal`` point down at these."""
