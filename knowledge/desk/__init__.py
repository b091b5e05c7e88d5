"""The rumour desk: what waits (`queue`), all that is known of one rumour (`detail`), what is done with it
(`work`), and how it is settled (`verdicts`).

Plain functions that take a session; the caller commits. Who may do what is decided here, not on the page.
"""
