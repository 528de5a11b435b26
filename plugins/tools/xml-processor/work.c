/*
 * SPDX-License-Identifier: MIT
 */
#include "work.h"

#include "describe.h"
#include "document.h"
#include "format.h"
#include "from_json.h"
#include "hexmcp/host/schema.h"
#include "schema.h"
#include "to_json.h"
#include "xpath.h"

static int32_t fail_document(const struct faults *faults, hexmcp_error *err)
{
    char why[FAULT_TEXT];
    faults_say(faults, why, sizeof(why));
    return hexmcp_fail(err, HEXMCP_E_INVALID, "the input is no XML that can be read: %s; correct it", why);
}

static void put_faults(hexmcp_json_writer *w, const struct faults *faults)
{
    hexmcp_json_key(w, "errors");
    faults_write(faults, w);
    if (faults->more)
        hexmcp_json_put_bool(w, "truncated", true);
}

/* ---- parse and validate: what is wrong with the document is an answer ----------------------- */

static int32_t parse(struct work *work, xmlDocPtr doc, const struct faults *faults)
{
    hexmcp_json_writer *w = &work->answer->json;
    char why[FAULT_TEXT];
    hexmcp_json_put_bool(w, "well_formed", doc != NULL);
    put_faults(w, faults);
    if (doc)
        describe_put(doc, w);
    faults_say(faults, why, sizeof(why));
    answer_text(work->answer, "%s%s", doc ? "It is well-formed." : "It is not well-formed: ",
                doc ? "" : why);
    return HEXMCP_OK;
}

static int32_t validate(struct work *work, xmlDocPtr doc, struct faults *faults, hexmcp_error *err)
{
    hexmcp_json_writer *w = &work->answer->json;
    bool valid = false;
    if (doc) {
        int32_t status =
            schema_check(doc, work->request->schema, faults, &work->kind, &valid, err);
        if (status != HEXMCP_OK)
            return status;
    }
    hexmcp_json_put_bool(w, "valid", valid);
    put_faults(w, faults);
    if (work->kind)
        hexmcp_json_put_text(w, "schema_type", work->kind);
    answer_text(work->answer, valid ? "It fits the schema."
                              : doc ? "It does not fit the schema: %zu errors."
                                    : "It is not well-formed: %zu errors.",
                faults->count);
    return HEXMCP_OK;
}

/* ---- query and extract ---------------------------------------------------------------------- */

/* XPath 1.0 has no default namespace, which everybody trips over. */
static void put_hint(struct work *work, xmlDocPtr doc)
{
    const xmlNode *root = xmlDocGetRootElement(doc);
    char text[400];
    if (!root->ns || root->ns->prefix)
        return;
    snprintf(text, sizeof(text),
             "nothing was found, and the document has the default namespace %.200s: give namespaces "
             "{\"d\": that URI} and write //d:name",
             (const char *)root->ns->href);
    hexmcp_json_put_text(&work->answer->json, "hint", text);
}

static int32_t query(struct work *work, xmlDocPtr doc, hexmcp_error *err)
{
    const struct request *q = work->request;
    struct bytes value = {0};
    struct xpath x;
    bool none = false;
    int32_t status = xpath_begin(doc, q->namespaces, &work->stop, &x, err);
    if (status != HEXMCP_OK)
        return status;
    if (q->operation == EXTRACT)
        status = xpath_extract(&x, *q->query ? q->query : "/*", q->fields, &work->results, &none, err);
    else
        status = xpath_query(&x, q->query, &work->results, &work->kind, &value, &none, err);
    xpath_end(&x);
    if (status == HEXMCP_OK && q->operation == QUERY)
        hexmcp_json_put_text(&work->answer->json, "type", work->kind);
    if (status == HEXMCP_OK && value.len > 0)
        work->output = value;
    else
        bytes_free(&value);
    if (status == HEXMCP_OK && none)
        put_hint(work, doc);
    return status;
}

/* ---- conversions ---------------------------------------------------------------------------- */

static struct format_how format_of(const struct request *q)
{
    return (struct format_how){.indent = q->minify ? 0 : q->indent,
                               .canonical = q->canonical,
                               .declaration = q->declaration};
}

static void ignore(void *arg, hexmcp_str json)
{
    (void)arg;
    (void)json;
}

/* The reader of plugins is for strict JSON alone: the host says whether it is. */
static int32_t check_json(const struct work *work, hexmcp_error *err)
{
    const hexmcp_schema_1 *schemas = hexmcp_round_service(work->r, HEXMCP_SCHEMA_1);
    if (!schemas)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "this host cannot read JSON; give XML");
    hexmcp_error why = {.size = sizeof(why)};
    int32_t status = schemas->validate(schemas->ctx, hexmcp_str_from("true"),
                                       work->request->source.data, 0, ignore, NULL, &why);
    if (status != HEXMCP_OK)
        return hexmcp_fail(err, status, "the input is no JSON that can be read (%s); correct it", why.text);
    return HEXMCP_OK;
}

static int32_t make_xml(struct work *work, hexmcp_error *err)
{
    struct bytes text = {0};
    struct faults faults = {0};
    char why[FAULT_TEXT];
    int32_t status = check_json(work, err);
    if (status == HEXMCP_OK)
        status = from_json(work->request->source.data, &text, err);
    xmlDocPtr doc = NULL;
    if (status == HEXMCP_OK) {
        doc = document_read(bytes_str(&text), (struct document_how){.utf8 = true}, &faults);
        faults_say(&faults, why, sizeof(why));
        status = !doc || faults.count > 0
                     ? hexmcp_fail(err, HEXMCP_E_INVALID,
                                   "the JSON says what XML cannot: %s; correct its names or texts", why)
                     : format_write(doc, format_of(work->request), &work->output, err);
    }
    xmlFreeDoc(doc);
    bytes_free(&text);
    return status;
}

/* ---- all ------------------------------------------------------------------------------------ */

static int32_t do_with(struct work *work, xmlDocPtr doc, struct faults *faults, hexmcp_error *err)
{
    const struct request *q = work->request;
    if (q->operation == PARSE)
        return parse(work, doc, faults);
    if (q->operation == VALIDATE)
        return validate(work, doc, faults, err);
    if (!doc)
        return fail_document(faults, err);
    if (q->operation == TO_JSON)
        return to_json(xmlDocGetRootElement(doc), q->arrays, q->array_count, &work->output, err);
    if (q->operation == FORMAT)
        return format_write(doc, format_of(q), &work->output, err);
    return query(work, doc, err);
}

int32_t work_do(struct work *work, hexmcp_error *err)
{
    const struct request *q = work->request;
    struct document_how how = {.utf8 = q->utf8,
                               .drops_blanks = q->operation == FORMAT && !q->canonical};
    struct faults *faults = calloc(1, sizeof(*faults));
    if (!faults)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
    if (q->operation == FROM_JSON) {
        free(faults);
        return make_xml(work, err);
    }
    xmlDocPtr doc = document_read(q->source.data, how, faults);
    int32_t status = do_with(work, doc, faults, err);
    xmlFreeDoc(doc);
    free(faults);
    return status;
}
