/* The report for people. */
#include <stdio.h>

#include "adapters/driving/doctor/report.h"

#define WIDTH 96
#define INDENT 11 /* of the text below the name of a check */

static void add(struct buffer *out, const char *text)
{
    buffer_add_str(out, str_from(text));
}

static void add_word(struct buffer *out, const char *word, const char *colour, bool colours)
{
    char padded[16];
    snprintf(padded, sizeof(padded), "%-9s", word);
    add(out, "  ");
    add(out, colours ? colour : "");
    add(out, padded);
    add(out, colours ? "\033[0m" : "");
}

/* "why   text text", wrapped at spaces. */
static void add_wrapped(struct buffer *out, const char *label, struct str text)
{
    char head[INDENT + 8];
    snprintf(head, sizeof(head), "%*s%-6s", INDENT, "", label);
    add(out, head);
    size_t room = WIDTH - INDENT - 6, column = 0;
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != ' ')
            end++;
        if (column && column + 1 + (end - at) > room) {
            snprintf(head, sizeof(head), "\n%*s", INDENT + 6, "");
            add(out, head);
            column = 0;
        } else if (column) {
            buffer_add_char(out, ' ');
            column++;
        }
        buffer_add(out, text.ptr + at, end - at);
        column += end - at;
        at = end + (end < text.len);
    }
    buffer_add_char(out, '\n');
}

static void add_findings(const struct outcome *outcome, struct buffer *out)
{
    for (const struct finding *f = outcome->first; f; f = f->next)
        add_wrapped(out, f->severity == DOCTOR_NOTE ? "note" : "seen", f->seen);
    add_wrapped(out, "why", str_from(outcome->check->why));
    add_wrapped(out, "do", str_from(outcome->check->todo));
}

static enum doctor_severity worst(const struct outcome *outcome)
{
    enum doctor_severity found = DOCTOR_NOTE;
    for (const struct finding *f = outcome->first; f; f = f->next)
        found = f->severity > found ? f->severity : found;
    return found;
}

static void add_outcome(const struct outcome *outcome, bool colours, struct buffer *out)
{
    static const char *const tints[] = {"\033[36m", "\033[33m", "\033[31m"};
    char name[64];
    if (outcome->first)
        add_word(out, severity_name(worst(outcome)), tints[worst(outcome)], colours);
    else if (outcome->skipped.len)
        add_word(out, "skipped", "\033[2m", colours);
    else
        add_word(out, "ok", "\033[32m", colours);
    snprintf(name, sizeof(name), "%-18s ", outcome->check->id);
    add(out, name);
    add(out, outcome->check->title);
    buffer_add_char(out, '\n');
    if (outcome->first)
        add_findings(outcome, out);
    else if (outcome->skipped.len)
        add_wrapped(out, "", outcome->skipped);
}

static void add_count(struct buffer *out, size_t count, const char *word)
{
    buffer_add_u64(out, count);
    buffer_add_char(out, ' ');
    add(out, word);
    add(out, count == 1 ? "" : "s");
}

void doctor_report_text(const struct doctor_report *report, bool colours, struct buffer *out)
{
    size_t skipped = 0;
    buffer_add_str(out, report->subject);
    buffer_add_char(out, '\n');
    buffer_add_str(out, report->summary);
    add(out, report->summary.len ? "\n\n" : "\n");
    for (size_t i = 0; i < report->count; i++) {
        add_outcome(&report->outcomes[i], colours, out);
        skipped += report->outcomes[i].skipped.len > 0;
    }
    buffer_add_char(out, '\n');
    add_count(out, doctor_report_count(report, DOCTOR_ERROR), "error");
    add(out, ", ");
    add_count(out, doctor_report_count(report, DOCTOR_WARNING), "warning");
    add(out, ", ");
    add_count(out, doctor_report_count(report, DOCTOR_NOTE), "note");
    add(out, " in ");
    add_count(out, report->count, "check");
    if (skipped) {
        add(out, ", ");
        buffer_add_u64(out, skipped);
        add(out, " skipped");
    }
    buffer_add_char(out, '\n');
}
