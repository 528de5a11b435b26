/* What all runs together wrote, as lines.c noted it. */
#include "adapters/driving/doctor/checks.h"

/* More than this in the short time of an examination fills the log of a client. */
#define STDERR_MAX_BYTES ((size_t)1 << 20)

static void tell(struct examination *x, enum oddity oddity, enum doctor_severity severity)
{
    size_t count = x->observed.odd[oddity].count;
    if (count > 1)
        find(x, severity, "%s (and %zu more)", x->observed.odd[oddity].first, count - 1);
    else if (count)
        find(x, severity, "%s", x->observed.odd[oddity].first);
}

void check_stdout(void *examination)
{
    tell(examination, ODD_NOT_JSON, DOCTOR_ERROR);
    tell(examination, ODD_BOM, DOCTOR_ERROR);
    tell(examination, ODD_UNENDED, DOCTOR_ERROR);
    tell(examination, ODD_CRLF, DOCTOR_WARNING);
    tell(examination, ODD_BLANK, DOCTOR_WARNING);
}

void check_messages(void *examination)
{
    tell(examination, ODD_NOT_MESSAGE, DOCTOR_ERROR);
}

void check_answers(void *examination)
{
    tell(examination, ODD_ID_TYPE, DOCTOR_ERROR);
    tell(examination, ODD_UNKNOWN_ID, DOCTOR_ERROR);
    tell(examination, ODD_TWICE, DOCTOR_ERROR);
    tell(examination, ODD_NULL_ID, DOCTOR_WARNING);
}

void check_client_requests(void *examination)
{
    tell(examination, ODD_UNDECLARED, DOCTOR_ERROR);
}

void check_stderr(void *examination)
{
    struct examination *x = examination;
    if (x->observed.stderr_bytes > STDERR_MAX_BYTES)
        find(x, DOCTOR_WARNING, "%zu bytes in %zu lines, in %zu runs", x->observed.stderr_bytes,
             x->observed.stderr_lines, x->observed.runs);
}
