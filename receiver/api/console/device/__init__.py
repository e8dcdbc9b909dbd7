"""One device: found by an identifier, its status, what was when, its events, and each of them.

| who | does |
|---|---|
| `search` | what people type, as an identifier |
| `reading` | the questions of one page |
| `timeline` | what was when, as a drawing |
| `history` | events as rows, and one event as a page |
| `payload` | the notification to the letter, and with line breaks |
"""
