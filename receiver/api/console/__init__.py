"""The console: pages for people, made on the server from the answers of the questions.

A page asks the application itself, in this process, as the caller who signed in: guard, limits,
counts and audit lines are those of the questions. The console reads no table.

| who | owns |
|---|---|
| `entry` | signing in and out, files |
| `entrance` | the session of a caller, its cookie |
| `screens` | routes of pages: errors as pages, the origin of forms |
| `asking` | questions to the application |
| `rendering` | templates, links, headers |
| `values`, `findings`, `countries` | what the API answers, in words |

A page is whole without its script. Links are relative, so that a proxy may serve the service below
a path of its own.

| failure | what people see |
|---|---|
| no session, or its token is not valid | the page to sign in, then what they asked for |
| a link of another site, with which no cookie comes | a page that leads on, with the cookie |
| a link that signs in was used, or has expired | the page to sign in, which says so |
| a role that may not | 403 and a sentence |
| a question fails | its status and its sentence, as a page |
"""
