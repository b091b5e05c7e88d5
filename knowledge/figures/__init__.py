"""The figures of a period: what was asked and answered, which rumours came up, how long they waited.

Everything is counted by the database (`counts`), and every number has a `Ref` whose `rows` are exactly what it counts
(`scope` says of what). Days are those of the office. Messages belong to no place, rumours do: regions narrow rumours
only.
"""
