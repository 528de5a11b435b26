#include "adapters/driving/validator/report.h"

#include <stdio.h>

#include "core/json/writer.h"

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"pass", "warn", "fail", "crash", "skip"};
    return names[verdict];
}

size_t report_count(const struct report *report, enum verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        count += report->outcomes[i].verdict == verdict;
    return count;
}

enum validator_exit report_exit(const struct report *report)
{
    if (report_count(report, VERDICT_CRASH))
        return VALIDATOR_CRASHED;
    if (report_count(report, VERDICT_FAIL))
        return VALIDATOR_FAILED;
    if (report->options->strict && report_count(report, VERDICT_WARN))
        return VALIDATOR_FAILED;
    return VALIDATOR_PASSED;
}

static uint32_t findings_of(const struct board *board)
{
    uint32_t count = atomic_load(&board->count);
    return count < BOARD_FINDINGS ? count : BOARD_FINDINGS;
}

static void add_text(struct buffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_text(struct buffer *out, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buffer_add_str(out, str_from(text));
}

void report_line(const struct outcome *outcome, struct buffer *out)
{
    const struct board *board = outcome->board;
    add_text(out, "%-5s %2d %-15s ", verdict_name(outcome->verdict), outcome->check->number,
             outcome->check->name);
    if (outcome->verdict == VERDICT_SKIP)
        add_text(out, "skipped: %s\n", board->reason);
    else
        add_text(out, "%s\n", outcome->check->summary);
    for (uint32_t i = 0; i < findings_of(board); i++) {
        const struct finding *f = &board->findings[i];
        if (f->severity != FINDING_NOTE)
            add_text(out, "         %s%s%s\n", f->where, f->where[0] ? ": " : "", f->text);
    }
    if (atomic_load(&board->count) > BOARD_FINDINGS)
        add_text(out, "         and %u more\n", atomic_load(&board->count) - BOARD_FINDINGS);
}

void report_summary(const struct report *report, struct buffer *out)
{
    static const char *const results[] = {"passed", "failed", "", "crashed or took too long"};
    struct str id = subject_id(report->subject);
    add_text(out,
             "%.*s %s: %zu passed, %zu with warnings, %zu failed, %zu crashed, %zu skipped; "
             "seed %llu\n",
             STR_ARG(id), results[report_exit(report)], report_count(report, VERDICT_PASS),
             report_count(report, VERDICT_WARN), report_count(report, VERDICT_FAIL),
             report_count(report, VERDICT_CRASH), report_count(report, VERDICT_SKIP),
             (unsigned long long)report->options->seed);
}

static void write_finding(struct json_writer *w, const struct finding *f)
{
    static const char *const names[] = {"note", "warning", "failure", "crash"};
    json_begin_object(w);
    json_put_string(w, STR("severity"), str_from(names[f->severity]));
    json_put_string(w, STR("where"), str_from(f->where));
    json_put_string(w, STR("text"), str_from(f->text));
    json_end_object(w);
}

static void write_check(struct json_writer *w, const struct check *check)
{
    json_put_i64(w, STR("number"), check->number);
    json_put_string(w, STR("name"), str_from(check->name));
    json_put_string(w, STR("group"), str_from(check_group_name(check->group)));
    json_put_i64(w, STR("level"), check->level);
    json_put_string(w, STR("summary"), str_from(check->summary));
}

static void write_outcome(struct json_writer *w, const struct outcome *outcome)
{
    json_begin_object(w);
    write_check(w, outcome->check);
    json_put_string(w, STR("verdict"), str_from(verdict_name(outcome->verdict)));
    if (outcome->verdict == VERDICT_SKIP)
        json_put_string(w, STR("reason"), str_from(outcome->board->reason));
    json_key(w, STR("findings"));
    json_begin_array(w);
    for (uint32_t i = 0; i < findings_of(outcome->board); i++)
        write_finding(w, &outcome->board->findings[i]);
    json_end_array(w);
    json_end_object(w);
}

void report_json(const struct report *report, struct buffer *out)
{
    static const enum verdict verdicts[] = {VERDICT_PASS, VERDICT_WARN, VERDICT_FAIL, VERDICT_CRASH,
                                            VERDICT_SKIP};
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("format"), 1);
    json_put_string(&w, STR("plugin"), subject_id(report->subject));
    json_put_string(&w, STR("folder"), str_from(report->subject->path));
    json_put_string(&w, STR("validator"), STR(HEXMCP_VERSION));
    json_put_i64(&w, STR("level"), report->options->level);
    json_key(&w, STR("seed"));
    json_write_u64(&w, report->options->seed);
    json_put_bool(&w, STR("passed"), report_exit(report) == VALIDATOR_PASSED);
    json_key(&w, STR("counts"));
    json_begin_object(&w);
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        json_put_i64(&w, str_from(verdict_name(verdicts[i])),
                     (int64_t)report_count(report, verdicts[i]));
    json_end_object(&w);
    json_key(&w, STR("checks"));
    json_begin_array(&w);
    for (size_t i = 0; i < report->count; i++)
        write_outcome(&w, &report->outcomes[i]);
    json_end_array(&w);
    json_end_object(&w);
    buffer_add_char(out, '\n');
}

void report_table(struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_array(&w);
    for (size_t i = 0; i < check_count; i++) {
        json_begin_object(&w);
        write_check(&w, &checks[i]);
        json_put_i64(&w, STR("seconds"), checks[i].seconds);
        json_end_object(&w);
    }
    json_end_array(&w);
    buffer_add_char(out, '\n');
}
