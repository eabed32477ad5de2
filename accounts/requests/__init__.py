"""Requests about accounts: what a decision of a case does, by the services that do it everywhere else."""
