/* Takes secrets out of results before clients get them. What other hooks see is redacted as well, see
 * hooks_set_hide. */
#include <stdlib.h>

#include "core/hook/builtin/kinds.h"
#include "core/json/writer.h"

bool hook_hide(void *ctx, struct str json, struct buffer *out)
{
    const struct hook_hiding *h = ctx;
    struct redact_report report = REDACT_REPORT_INIT;
    struct buffer text = BUFFER_INIT;
    struct json_doc *doc;
    if (json_parse(json, &doc, NULL))
        return false;
    redact_json(&h->redactor, json_root(doc), h->detectors, &text, &report);
    json_free(doc);
    /* What cannot be looked at is not shown. */
    if (buffer_failed(&text))
        buffer_add_str(out, STR("null"));
    else if (report.count)
        buffer_add_str(out, buffer_str(&text));
    bool hidden = report.count || buffer_failed(&text);
    buffer_clear(&text);
    buffer_clear(&report.pointer);
    return hidden;
}

static enum hook_result run(void *self, struct hook_turn *turn)
{
    struct buffer result = BUFFER_INIT, left = BUFFER_INIT;
    bool found = hook_turn_read(turn, STR("/result"), &result) && !buffer_failed(&result) &&
                 hook_hide(self, buffer_str(&result), &left);
    if (found) {
        struct json_writer w = json_writer(&turn->says.own);
        json_begin_object(&w);
        json_put_raw(&w, STR("/result"), buffer_str(&left));
        json_end_object(&w);
        turn->says.data = buffer_str(&turn->says.own);
    }
    buffer_clear(&result);
    buffer_clear(&left);
    return found ? HOOK_MODIFIED : HOOK_CONTINUE;
}

static int make(const struct builtin_parts *parts, struct parameters *p, struct hook_definition *d)
{
    static const char *const words[] = {"names", "patterns", "entropy", NULL};
    static const unsigned detectors[] = {REDACT_NAMES, REDACT_NAMES | REDACT_PATTERNS, REDACT_LOG};
    unsigned which = 1;
    parameter_word(p, "detect", words, &which);
    struct hook_hiding *self = p->rc ? NULL : malloc(sizeof(*self));
    if (!self)
        return p->rc ? p->rc : error_set(p->err, ST_NOMEM, "out of memory");
    *self = (struct hook_hiding){parts->redactor, detectors[which]};
    d->self = self;
    d->run = run;
    d->free = free;
    d->gates = true;
    d->required = true;
    d->trusted = true;
    d->priority = HOOK_PRIORITY_LOW; /* after those that make other results */
    return ST_OK;
}

const struct builtin builtin_redaction = {
    .name = "redaction",
    .keys = (const char *const[]){"detect", NULL},
    .points = (const char *const[]){"AfterToolExecution", "AfterResourceRead", "AfterPrompt", NULL},
    .make = make,
};
