/*
 * SPDX-License-Identifier: MIT
 */
#include "document.h"

#include <sys/mman.h>
#include <unistd.h>

#include "kit/secret.h"
#include "kit/source.h"

#define PASSWORD_ROOM 256

static bool looks_like_pdf(const struct bytes *bytes)
{
    size_t look = bytes->len < 1024 ? bytes->len : 1024;
    return bytes->ptr && memmem(bytes->ptr, look, "%PDF-", 5);
}

static int32_t fail_open(const hexmcp_round *r, const struct request *request, const GError *error)
{
    if (!g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
        return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                           "%.*s is damaged and cannot be opened: %.200s; give an intact PDF file",
                           SHOWN(request->path), error ? error->message : "no reason is known");
    if (request->secret)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "the secret %.64s is not the password of %.*s; give another one",
                           request->secret, SHOWN(request->path));
    return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                       "%.*s is protected by a password; give password {\"secret\": \"pdf-password\"}, "
                       "which the operator sets with secrets.sources and grants.secrets",
                       SHOWN(request->path));
}

static PopplerDocument *open_plain(const struct document *d, GError **error)
{
    GBytes *bytes = g_bytes_new_static(d->bytes.ptr, d->bytes.len);
    PopplerDocument *pdf = poppler_document_new_from_bytes(bytes, NULL, error);
    g_bytes_unref(bytes);
    return pdf;
}

/* From bytes, Poppler 22.12 tries a wrong password twice, the second time on memory that it has freed. A
 * file it opens anew. */
static PopplerDocument *open_with(const struct document *d, const char *password, GError **error)
{
    char uri[64];
    PopplerDocument *pdf = NULL;
    int fd = memfd_create("pdf", MFD_CLOEXEC);
    size_t put = 0;
    ssize_t more = 1;
    snprintf(uri, sizeof(uri), "file:///proc/self/fd/%d", fd);
    while (fd >= 0 && put < d->bytes.len && more > 0) {
        more = write(fd, d->bytes.ptr + put, d->bytes.len - put);
        put += more > 0 ? (size_t)more : 0;
    }
    if (put == d->bytes.len)
        pdf = poppler_document_new_from_file(uri, password, error);
    else
        g_set_error_literal(error, POPPLER_ERROR, POPPLER_ERROR_INVALID, "no room for a copy");
    if (fd >= 0)
        close(fd);
    return pdf;
}

/* Poppler takes passwords as Latin-1, and falls over one that is not. */
static int32_t check_password(const hexmcp_round *r, const struct request *request,
                              const char *password)
{
    gsize len = 0;
    char *latin = g_convert(password, -1, "ISO-8859-1", "UTF-8", NULL, &len, NULL);
    if (!latin)
        return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                           "the secret %.64s has letters that are not in Latin-1; such passwords cannot be "
                           "used here",
                           request->secret);
    secret_forget(latin, len);
    g_free(latin);
    return HEXMCP_OK;
}

static int32_t open_locked(const hexmcp_round *r, const struct request *request, struct document *d,
                           GError **error)
{
    char password[PASSWORD_ROOM];
    int32_t status = secret_reveal(r, request->secret, password, sizeof(password));
    if (status != HEXMCP_OK)
        return status;
    status = check_password(r, request, password);
    if (status == HEXMCP_OK)
        d->pdf = open_with(d, password, error);
    secret_forget(password, sizeof(password));
    return status;
}

/* A password is asked for only if one is needed. */
static int32_t unlock(const hexmcp_round *r, const struct request *request, struct document *d)
{
    GError *error = NULL;
    int32_t status = HEXMCP_OK;
    d->pdf = open_plain(d, &error);
    d->locked = g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED);
    if (d->locked && request->secret) {
        g_clear_error(&error);
        status = open_locked(r, request, d, &error);
    }
    if (status == HEXMCP_OK && !d->pdf)
        status = fail_open(r, request, error);
    g_clear_error(&error);
    return status;
}

static int32_t find_range(const hexmcp_round *r, const struct request *request, struct document *d)
{
    d->pages = poppler_document_get_n_pages(d->pdf);
    if (d->pages < 1)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s has no pages; give an intact PDF file",
                           SHOWN(request->path));
    d->first = request->start_page ? request->start_page : 1;
    d->last = request->end_page ? request->end_page : d->pages;
    if (d->first > d->pages || d->last > d->pages)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "there is no page %d: %.*s has %d pages",
                           d->first > d->pages ? d->first : d->last, SHOWN(request->path), d->pages);
    return HEXMCP_OK;
}

int32_t document_open(const hexmcp_round *r, const struct request *request, size_t most,
                      struct document *document)
{
    *document = (struct document){.request = request, .pace = pace_begin(r)};
    int32_t status = source_read_file(r, request->path, most, &document->bytes);
    if (status != HEXMCP_OK)
        return status;
    if (!looks_like_pdf(&document->bytes))
        status = hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                             "%.*s is no PDF file, by its first bytes; give a PDF file",
                             SHOWN(request->path));
    if (status == HEXMCP_OK)
        status = unlock(r, request, document);
    if (status == HEXMCP_OK)
        status = find_range(r, request, document);
    if (status != HEXMCP_OK)
        document_close(document);
    return status;
}

void document_close(struct document *document)
{
    g_clear_object(&document->pdf);
    bytes_free(&document->bytes);
}

int32_t document_page(const hexmcp_round *r, struct document *document, int number,
                      PopplerPage **page)
{
    int range = document->last - document->first + 1;
    int32_t status = pace_step(&document->pace, number - document->first, range, "pages");
    if (status != HEXMCP_OK)
        return status;
    PopplerPage *got = poppler_document_get_page(document->pdf, number - 1);
    if (!got)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                           "page %d of %.*s is damaged; leave it out by start_page and end_page", number,
                           SHOWN(document->request->path));
    *page = got;
    return HEXMCP_OK;
}

void document_put(hexmcp_json_writer *w, const struct document *document)
{
    hexmcp_json_put_text(w, "operation", operation_name(document->request->operation));
    hexmcp_json_put_text(w, "path", document->request->path);
    hexmcp_json_put_int64(w, "pages", document->pages);
}

bool document_wants(const struct document *document, int64_t place)
{
    const struct request *request = document->request;
    return place >= request->offset && place - request->offset < request->limit;
}

void document_put_list_end(hexmcp_json_writer *w, const struct document *document, int64_t total)
{
    int64_t next = document->request->offset + document->request->limit;
    hexmcp_json_put_int64(w, "total", total);
    hexmcp_json_put_int64(w, "offset", document->request->offset);
    if (next < total)
        hexmcp_json_put_int64(w, "next_offset", next);
}
