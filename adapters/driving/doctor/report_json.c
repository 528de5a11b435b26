/* The report for programs: our own JSON, and SARIF 2.1.0. */
#include "adapters/driving/doctor/report.h"
#include "core/json/writer.h"

static void put(struct json_writer *w, const char *key, const char *text)
{
    json_put_string(w, str_from(key), str_from(text));
}

static void put_finding(struct json_writer *w, const struct outcome *outcome,
                        const struct finding *finding)
{
    json_begin_object(w);
    put(w, "id", outcome->check->id);
    put(w, "severity", severity_name(finding->severity));
    put(w, "title", outcome->check->title);
    json_put_string(w, STR("seen"), finding->seen);
    put(w, "why", outcome->check->why);
    put(w, "do", outcome->check->todo);
    json_end_object(w);
}

static void put_check(struct json_writer *w, const struct outcome *outcome)
{
    json_begin_object(w);
    put(w, "id", outcome->check->id);
    put(w, "title", outcome->check->title);
    put(w, "state", outcome->first ? "found" : outcome->skipped.len ? "skipped" : "ok");
    if (outcome->skipped.len)
        json_put_string(w, STR("reason"), outcome->skipped);
    json_end_object(w);
}

void doctor_report_json(const struct doctor_report *report, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    put(&w, "examined", report->what);
    json_put_string(&w, STR("subject"), report->subject);
    json_put_string(&w, STR("summary"), report->summary);
    json_put_i64(&w, STR("errors"), (int64_t)doctor_report_count(report, DOCTOR_ERROR));
    json_put_i64(&w, STR("warnings"), (int64_t)doctor_report_count(report, DOCTOR_WARNING));
    json_put_i64(&w, STR("notes"), (int64_t)doctor_report_count(report, DOCTOR_NOTE));
    json_key(&w, STR("findings"));
    json_begin_array(&w);
    for (size_t i = 0; i < report->count; i++)
        for (const struct finding *f = report->outcomes[i].first; f; f = f->next)
            put_finding(&w, &report->outcomes[i], f);
    json_end_array(&w);
    json_key(&w, STR("checks"));
    json_begin_array(&w);
    for (size_t i = 0; i < report->count; i++)
        put_check(&w, &report->outcomes[i]);
    json_end_array(&w);
    json_end_object(&w);
    buffer_add_char(out, '\n');
}

static void put_message(struct json_writer *w, const char *key, struct str text)
{
    json_key(w, str_from(key));
    json_begin_object(w);
    json_put_string(w, STR("text"), text);
    json_end_object(w);
}

static void put_rule(struct json_writer *w, const struct check *check)
{
    json_begin_object(w);
    put(w, "id", check->id);
    put_message(w, "shortDescription", str_from(check->title));
    put_message(w, "fullDescription", str_from(check->why));
    put_message(w, "help", str_from(check->todo));
    json_end_object(w);
}

/* A report is about a command or an installation, not about lines of a file: the place of a result
 * is a logical one. */
static void put_result(struct json_writer *w, const struct doctor_report *report, size_t index,
                       const struct finding *finding)
{
    json_begin_object(w);
    put(w, "ruleId", report->outcomes[index].check->id);
    json_put_i64(w, STR("ruleIndex"), (int64_t)index);
    put(w, "level", severity_name(finding->severity));
    put_message(w, "message", finding->seen);
    json_key(w, STR("locations"));
    json_begin_array(w);
    json_begin_object(w);
    json_key(w, STR("logicalLocations"));
    json_begin_array(w);
    json_begin_object(w);
    json_put_string(w, STR("fullyQualifiedName"), report->subject);
    put(w, "kind", "module");
    json_end_object(w);
    json_end_array(w);
    json_end_object(w);
    json_end_array(w);
    json_end_object(w);
}

static void put_tool(struct json_writer *w, const struct doctor_report *report)
{
    json_key(w, STR("tool"));
    json_begin_object(w);
    json_key(w, STR("driver"));
    json_begin_object(w);
    put(w, "name", "hexmcp doctor");
    put(w, "version", report->version);
    json_key(w, STR("rules"));
    json_begin_array(w);
    for (size_t i = 0; i < report->count; i++)
        put_rule(w, report->outcomes[i].check);
    json_end_array(w);
    json_end_object(w);
    json_end_object(w);
}

void doctor_report_sarif(const struct doctor_report *report, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    put(&w, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    put(&w, "version", "2.1.0");
    json_key(&w, STR("runs"));
    json_begin_array(&w);
    json_begin_object(&w);
    put_tool(&w, report);
    json_key(&w, STR("results"));
    json_begin_array(&w);
    for (size_t i = 0; i < report->count; i++)
        for (const struct finding *f = report->outcomes[i].first; f; f = f->next)
            put_result(&w, report, i, f);
    json_end_array(&w);
    json_end_object(&w);
    json_end_array(&w);
    json_end_object(&w);
    buffer_add_char(out, '\n');
}
