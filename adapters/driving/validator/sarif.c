/* The report as SARIF 2.1.0, for programs that show the findings of many tools. */
#include <stdio.h>

#include "adapters/driving/validator/report.h"
#include "core/json/writer.h"

static void put_message(struct json_writer *w, struct str key, const char *text)
{
    json_key(w, key);
    json_begin_object(w);
    json_put_string(w, STR("text"), str_from(text));
    json_end_object(w);
}

static const char *rule_id(const struct check *check, char text[8])
{
    snprintf(text, 8, "HV%03d", check->number);
    return text;
}

static void write_rule(struct json_writer *w, const struct check *check)
{
    char id[8];
    json_begin_object(w);
    json_put_string(w, STR("id"), str_from(rule_id(check, id)));
    json_put_string(w, STR("name"), str_from(check->name));
    put_message(w, STR("shortDescription"), check->summary);
    json_key(w, STR("properties"));
    json_begin_object(w);
    json_put_i64(w, STR("level"), check->level);
    json_put_string(w, STR("group"), str_from(check_group_name(check->group)));
    json_end_object(w);
    json_end_object(w);
}

static void write_driver(struct json_writer *w, const struct report *report)
{
    json_key(w, STR("tool"));
    json_begin_object(w);
    json_key(w, STR("driver"));
    json_begin_object(w);
    json_put_string(w, STR("name"), STR("hexmcp plugin validate"));
    json_put_string(w, STR("semanticVersion"), STR(HEXMCP_VERSION));
    json_key(w, STR("rules"));
    json_begin_array(w);
    for (size_t i = 0; i < report->count; i++)
        write_rule(w, report->outcomes[i].check);
    json_end_array(w);
    json_end_object(w);
    json_end_object(w);
}

/* The file that a finding is about: the manifest if it says so, else the binary. */
static struct str file_of(const struct report *report, const struct finding *f)
{
    return str_starts(str_from(f->where), STR("plugin.json")) ? STR("plugin.json")
                                                              : str_from(report->subject->binary);
}

static void write_location(struct json_writer *w, struct str file)
{
    json_key(w, STR("locations"));
    json_begin_array(w);
    json_begin_object(w);
    json_key(w, STR("physicalLocation"));
    json_begin_object(w);
    json_key(w, STR("artifactLocation"));
    json_begin_object(w);
    json_put_string(w, STR("uri"), file);
    json_put_string(w, STR("uriBaseId"), STR("PLUGIN"));
    json_end_object(w);
    json_end_object(w);
    json_end_object(w);
    json_end_array(w);
}

static void write_result(struct json_writer *w, const struct report *report, size_t rule,
                         const struct finding *f)
{
    char id[8], text[1024];
    snprintf(text, sizeof(text), "%s%s%s", f->where, f->where[0] ? ": " : "", f->text);
    json_begin_object(w);
    json_put_string(w, STR("ruleId"), str_from(rule_id(report->outcomes[rule].check, id)));
    json_put_i64(w, STR("ruleIndex"), (int64_t)rule);
    json_put_string(w, STR("level"),
                    f->severity == FINDING_WARNING ? STR("warning") : STR("error"));
    put_message(w, STR("message"), text);
    write_location(w, file_of(report, f));
    json_end_object(w);
}

static void write_results(struct json_writer *w, const struct report *report)
{
    json_key(w, STR("results"));
    json_begin_array(w);
    for (size_t i = 0; i < report->count; i++) {
        const struct board *board = report->outcomes[i].board;
        uint32_t count = atomic_load(&board->count);
        for (uint32_t f = 0; f < count && f < BOARD_FINDINGS; f++)
            if (board->findings[f].severity != FINDING_NOTE)
                write_result(w, report, i, &board->findings[f]);
    }
    json_end_array(w);
}

/* The folder as a file URI with a slash at the end. */
static void write_base(struct json_writer *w, const struct report *report)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    struct buffer uri = BUFFER_INIT;
    buffer_add_str(&uri, STR("file://"));
    for (const char *c = report->subject->path; *c; c++) {
        char text[4];
        snprintf(text, sizeof(text), strchr(plain, *c) ? "%c" : "%%%02X", (unsigned char)*c);
        buffer_add_str(&uri, str_from(text));
    }
    buffer_add_char(&uri, '/');
    json_key(w, STR("originalUriBaseIds"));
    json_begin_object(w);
    json_key(w, STR("PLUGIN"));
    json_begin_object(w);
    json_put_string(w, STR("uri"), buffer_str(&uri));
    json_end_object(w);
    json_end_object(w);
    buffer_clear(&uri);
}

static void write_invocation(struct json_writer *w, const struct report *report)
{
    json_key(w, STR("invocations"));
    json_begin_array(w);
    json_begin_object(w);
    json_put_bool(w, STR("executionSuccessful"), true);
    json_put_i64(w, STR("exitCode"), report_exit(report));
    json_key(w, STR("properties"));
    json_begin_object(w);
    json_key(w, STR("seed"));
    json_write_u64(w, report->options->seed);
    json_end_object(w);
    json_end_object(w);
    json_end_array(w);
}

void report_sarif(const struct report *report, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("$schema"), STR("https://json.schemastore.org/sarif-2.1.0.json"));
    json_put_string(&w, STR("version"), STR("2.1.0"));
    json_key(&w, STR("runs"));
    json_begin_array(&w);
    json_begin_object(&w);
    write_driver(&w, report);
    write_invocation(&w, report);
    write_base(&w, report);
    write_results(&w, report);
    json_end_object(&w);
    json_end_array(&w);
    json_end_object(&w);
    buffer_add_char(out, '\n');
}
