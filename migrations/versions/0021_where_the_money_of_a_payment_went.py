"""Where the money of a payment went, as one function; drawers opened without a sale."""

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
