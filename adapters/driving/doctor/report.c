#include "adapters/driving/doctor/report.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/nearest.h"
#include "core/json/utf8.h"

#define TEXT_MAX 2000

struct doctor_report *report_new(size_t checks)
{
    struct doctor_report *report = calloc(1, sizeof(*report));
    struct outcome *outcomes = calloc(checks, sizeof(*outcomes));
    if (!report || !outcomes) {
        free(report);
        free(outcomes);
        return NULL;
    }
    report->outcomes = outcomes;
    return report;
}

void doctor_report_free(struct doctor_report *report)
{
    if (!report)
        return;
    arena_clear(&report->memory);
    free(report->outcomes);
    free(report);
}

struct outcome *report_begin(struct doctor_report *report, const struct check *check)
{
    struct outcome *outcome = &report->outcomes[report->count++];
    *outcome = (struct outcome){.check = check};
    outcome->last = &outcome->first;
    return outcome;
}

/* Only what a terminal shows and JSON can hold. */
static size_t make_plain(char *text, size_t len)
{
    size_t used = 0;
    for (size_t at = 0; at < len;) {
        size_t size = utf8_sequence(text + at, text + len);
        bool plain = size > 1 || (size == 1 && (unsigned char)text[at] >= ' ' && text[at] != 127);
        size = size ? size : 1;
        memmove(text + used, plain ? text + at : "?", plain ? size : 1);
        used += plain ? size : 1;
        at += size;
    }
    return used;
}

static struct str keep(struct doctor_report *report, const char *format, va_list arguments)
{
    char text[TEXT_MAX + 1];
    int len = vsnprintf(text, sizeof(text), format, arguments);
    size_t size = len < 0 ? 0 : (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1;
    return arena_copy(&report->memory, (struct str){text, make_plain(text, size)});
}

struct str report_text(struct doctor_report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str text = keep(report, format, arguments);
    va_end(arguments);
    return text;
}

void report_find(struct doctor_report *report, struct outcome *outcome,
                 enum doctor_severity severity, const char *format, va_list arguments)
{
    struct finding *finding = arena_alloc(&report->memory, sizeof(*finding));
    if (!finding)
        return;
    *finding = (struct finding){severity, keep(report, format, arguments), NULL};
    *outcome->last = finding;
    outcome->last = &finding->next;
}

void report_skip(struct doctor_report *report, struct outcome *outcome, const char *reason)
{
    outcome->skipped = report_text(report, "%s", reason);
}

void report_quote(struct str bytes, char *out, size_t room)
{
    size_t used = 0, at = 0;
    const char *end = bytes.ptr + bytes.len;
    while (at < bytes.len && used + 8 < room) {
        unsigned char c = (unsigned char)bytes.ptr[at];
        size_t size = utf8_sequence(bytes.ptr + at, end);
        /* A mark of byte order cannot be seen, and it is what somebody looks for. */
        bool mark = size == 3 && memcmp(bytes.ptr + at, "\xEF\xBB\xBF", 3) == 0;
        if (size == 0 || mark || c < ' ' || c == 127) {
            used += (size_t)snprintf(out + used, room - used, "\\x%02X", c);
            at++;
        } else {
            memcpy(out + used, bytes.ptr + at, size);
            used += size;
            at += size;
        }
    }
    snprintf(out + used, room - used, "%s", at < bytes.len ? "..." : "");
}

const char *severity_name(enum doctor_severity severity)
{
    return severity == DOCTOR_ERROR     ? "error"
           : severity == DOCTOR_WARNING ? "warning"
                                        : "note";
}

size_t doctor_report_count(const struct doctor_report *report, enum doctor_severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        for (const struct finding *f = report->outcomes[i].first; f; f = f->next)
            count += f->severity == severity;
    return count;
}

static bool among(const char *const *names, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], id) == 0)
            return true;
    return false;
}

static int check_name(const char *name, const struct check *checks, size_t count,
                      struct error *err)
{
    struct nearest near = {.word = str_from(name)};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(checks[i].id, name) == 0)
            return ST_OK;
        nearest_offer(&near, str_from(checks[i].id));
    }
    if (near.best.len)
        return error_set(err, ST_INVALID, "there is no check \"%s\"; did you mean \"%.*s\"?", name,
                         STR_ARG(near.best));
    return error_set(err, ST_INVALID, "there is no check \"%s\"; a report lists them by name",
                     name);
}

int choice_check(const struct doctor_choice *choice, const struct check *checks, size_t count,
                 struct error *err)
{
    int rc = ST_OK;
    for (size_t i = 0; i < choice->only_count && !rc; i++)
        rc = check_name(choice->only[i], checks, count, err);
    for (size_t i = 0; i < choice->skip_count && !rc; i++)
        rc = check_name(choice->skip[i], checks, count, err);
    return rc;
}

bool choice_takes(const struct doctor_choice *choice, const char *id)
{
    if (among(choice->skip, choice->skip_count, id))
        return false;
    return choice->only_count == 0 || among(choice->only, choice->only_count, id);
}
