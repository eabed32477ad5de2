"""Bills of a cycle as one act of two people: draft, exceptions held and worked, review, approval, posting."""
