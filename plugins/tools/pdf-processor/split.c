/*
 * SPDX-License-Identifier: MIT
 */
#include <qpdf/qpdf-c.h>

#include "kit/deliver.h"
#include "kit/source.h"
#include "operations.h"

struct split {
    const hexmcp_round *r;
    struct document *document;
    qpdf_data from, to;
};

static int32_t failed(const struct split *s, qpdf_data at, const char *what)
{
    const char *why = "no reason is known";
    if (qpdf_has_error(at))
        why = qpdf_get_error_message_detail(at, qpdf_get_error(at));
    return hexmcp_fail(s->r->err, HEXMCP_E_INVALID, "%.*s cannot be %s: %.200s; it may be damaged",
                       SHOWN(s->document->request->path), what, why);
}

static bool went_wrong(QPDF_ERROR_CODE code)
{
    return (code & QPDF_ERRORS) != 0;
}

/* Else it writes to stderr. */
static void be_silent(qpdf_data data)
{
    qpdf_silence_errors(data);
    qpdf_set_suppress_warnings(data, QPDF_TRUE);
}

static int32_t begin(struct split *s)
{
    const struct bytes *bytes = &s->document->bytes;
    s->from = qpdf_init();
    s->to = qpdf_init();
    be_silent(s->from);
    be_silent(s->to);
    bool read = !went_wrong(qpdf_read_memory(s->from, "document", bytes->ptr, bytes->len, NULL));
    if (s->document->locked || (read && qpdf_is_encrypted(s->from)))
        return hexmcp_fail(s->r->err, HEXMCP_E_DENIED,
                           "%.*s is protected, and a copy of its pages would not be; leave target_path out "
                           "to get their texts",
                           SHOWN(s->document->request->path));
    if (!read)
        return failed(s, s->from, "read");
    if (qpdf_get_num_pages(s->from) < s->document->last)
        return failed(s, s->from, "read to its last page");
    if (went_wrong(qpdf_empty_pdf(s->to)))
        return failed(s, s->to, "split");
    return HEXMCP_OK;
}

static int32_t add_pages(struct split *s)
{
    struct document *d = s->document;
    int range = d->last - d->first + 1;
    for (int number = d->first; number <= d->last; number++) {
        int32_t status = pace_step(&d->pace, number - d->first, range, "pages");
        if (status != HEXMCP_OK)
            return status;
        qpdf_oh page = qpdf_get_page_n(s->from, (size_t)number - 1);
        if (qpdf_has_error(s->from))
            return failed(s, s->from, "read");
        if (went_wrong(qpdf_add_page(s->to, s->from, page, QPDF_FALSE)))
            return failed(s, s->to, "split");
        qpdf_oh_release(s->from, page);
    }
    return HEXMCP_OK;
}

static int32_t write_pages(struct split *s, hexmcp_str *made)
{
    QPDF_ERROR_CODE code = qpdf_init_write_memory(s->to);
    qpdf_set_deterministic_ID(s->to, QPDF_TRUE);
    if (!went_wrong(code))
        code = qpdf_write(s->to);
    if (went_wrong(code))
        return failed(s, s->to, "split");
    *made = (hexmcp_str){(const char *)qpdf_get_buffer(s->to), qpdf_get_buffer_length(s->to)};
    return HEXMCP_OK;
}

static int32_t answer(const struct split *s, hexmcp_str made)
{
    const struct document *d = s->document;
    const struct request *request = d->request;
    struct delivery where = {.target_path = request->target_path, .overwrite = request->overwrite};
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, s->r);
    document_put(w, d);
    hexmcp_json_put_int64(w, "start_page", d->first);
    hexmcp_json_put_int64(w, "end_page", d->last);
    hexmcp_json_put_int64(w, "size", (int64_t)made.len);
    hexmcp_json_put_text(w, "mime_type", "application/pdf");
    hexmcp_json_put_bool(w, "dry_run", request->dry_run);
    int32_t status = request->dry_run ? deliver_plan(&a, &where) : deliver(&a, &where, made);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    answer_text(&a, "%s pages %d to %d of %.*s into a document of %zu bytes.",
                request->dry_run ? "Would copy" : "Copied", d->first, d->last, SHOWN(request->path),
                made.len);
    return answer_end(&a);
}

int32_t split(const hexmcp_round *r, struct document *document)
{
    struct split s = {r, document, NULL, NULL};
    hexmcp_str made = {NULL, 0};
    int32_t status = begin(&s);
    if (status == HEXMCP_OK)
        status = add_pages(&s);
    if (status == HEXMCP_OK)
        status = write_pages(&s, &made);
    if (status == HEXMCP_OK)
        status = answer(&s, made);
    qpdf_cleanup(&s.to);
    qpdf_cleanup(&s.from);
    return status;
}
