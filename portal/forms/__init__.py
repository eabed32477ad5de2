"""Forms: shape of what people type. What it means is the domain's to judge."""
