"""The pages for people: readable without a script, in two languages, made from the published documents only."""
