"""Who is asking, and what is kept of it: device identity, enrolment codes, audit."""
