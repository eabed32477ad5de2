"""``settle``: the only poster of card money. The return page, the webhook and the sweeper all call it."""
