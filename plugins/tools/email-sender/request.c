/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include <sodium.h>
#include <stdio.h>
#include <strings.h>

#include "artifact.h"
#include "kit/source.h"

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

/* ---- addresses ---- */

static bool fits_any(char rules[][ADDRESS_MOST + 1], size_t count, const char *mail)
{
    for (size_t i = 0; i < count; i++)
        if (address_allowed(rules[i], mail))
            return true;
    return false;
}

static size_t read_addresses(struct args *args, const char *key, struct settings *s,
                             struct address list[RECIPIENTS_MOST])
{
    size_t count;
    const char *const *texts = args_texts(args, key, RECIPIENTS_MOST, ADDRESS_MOST + ADDRESS_NAME_MOST + 3,
                                          &count);
    for (size_t i = 0; i < count; i++) {
        const char *wrong = address_read(texts[i], &list[i]);
        if (wrong) {
            args_fail(args, HEXMCP_E_INVALID, "%s[%zu] is no address: %s", key, i, wrong);
            return 0;
        }
        if (!fits_any(s->recipients, s->recipient_count, list[i].mail)) {
            args_fail(args, HEXMCP_E_DENIED,
                      "nothing may be sent to %s; the operator allows it with \"recipients\" in the settings "
                      "of hexmcp.email-sender",
                      list[i].mail);
            return 0;
        }
    }
    return count;
}

static void read_from(struct args *args, struct settings *s, struct request *q)
{
    const char *text = args_text(args, "from", ADDRESS_MOST + ADDRESS_NAME_MOST + 3, NULL);
    const char *wrong = text ? address_read(text, &q->from) : NULL;
    if (!text)
        q->from = s->from;
    if (wrong)
        args_fail(args, HEXMCP_E_INVALID, "from is no address: %s", wrong);
    else if (!q->from.mail[0])
        args_fail(args, HEXMCP_E_INVALID,
                  "from is missing, and the operator has set none (\"from\" in the settings); give it");
    else if (strcasecmp(q->from.mail, s->from.mail) != 0 &&
             !fits_any(s->senders, s->sender_count, q->from.mail))
        args_fail(args, HEXMCP_E_DENIED,
                  "nothing may be sent as %s; the operator allows it with \"senders\" in the settings of "
                  "hexmcp.email-sender",
                  q->from.mail);
    q->message.from = &q->from;
}

static void read_reply_to(struct args *args, struct request *q)
{
    const char *text = args_text(args, "reply_to", ADDRESS_MOST, NULL);
    const char *wrong = text ? address_read(text, &q->reply_to) : NULL;
    if (wrong)
        args_fail(args, HEXMCP_E_INVALID, "reply_to is no address: %s", wrong);
    else if (text && !address_is_ascii(&q->reply_to))
        args_fail(args, HEXMCP_E_INVALID,
                  "reply_to: %s is not ASCII before the @, and those who answer may not be able to write it; "
                  "give another address", q->reply_to.mail);
    q->message.reply_to = text ? q->reply_to.mail : NULL;
}

static void read_recipients(struct args *args, struct settings *s, struct request *q)
{
    struct message *m = &q->message;
    m->to = q->to;
    m->cc = q->cc;
    m->to_count = read_addresses(args, "to", s, q->to);
    m->cc_count = read_addresses(args, "cc", s, q->cc);
    q->bcc_count = read_addresses(args, "bcc", s, q->bcc);
    size_t all = m->to_count + m->cc_count + q->bcc_count;
    if (all > RECIPIENTS_MOST)
        args_fail(args, HEXMCP_E_TOO_LARGE, "there are %zu recipients, but at most %d are taken; send twice",
                  all, RECIPIENTS_MOST);
    if (m->to_count == 0)
        args_fail(args, HEXMCP_E_INVALID, "to is missing; give an address or several");
}

/* Only an SMTP server can say whether it takes such addresses. */
static void check_ascii(struct args *args, struct request *q)
{
    const char *mail = address_is_ascii(&q->from) ? NULL : q->from.mail;
    for (size_t i = 0; !mail && i < q->message.to_count + q->message.cc_count + q->bcc_count; i++) {
        const char *one = request_recipient(q, i);
        for (const char *at = one; !mail && *at; at++)
            mail = (unsigned char)*at >= 0x80 ? one : NULL;
    }
    q->needs_utf8 = mail != NULL;
    if (mail && q->provider != PROVIDER_SMTP)
        args_fail(args, HEXMCP_E_UNSUPPORTED,
                  "%s is not ASCII before the @, which %s does not take; send it with provider smtp, or to "
                  "another address", mail, provider_name(q->provider));
}

/* ---- texts ---- */

static void read_body(struct args *args, struct request *q)
{
    const char *body = args_text(args, "body", BODY_MOST, NULL);
    const char *text = args_text(args, "text", BODY_MOST, NULL);
    if (!body) {
        args_fail(args, HEXMCP_E_INVALID, "body is missing; give the text of the message");
        return;
    }
    q->message.text = body;
    if (!args_bool(args, "html", false)) {
        if (text)
            args_fail(args, HEXMCP_E_INVALID, "text is for those who read no HTML; give it with html true");
        return;
    }
    q->message.html = body;
    q->message.text = text;
    if (!text && !message_strip(body, &q->stripped))
        args_fail(args, HEXMCP_E_NOMEM, "out of memory for the message; try again");
    if (!text)
        q->message.text = q->stripped.ptr ? q->stripped.ptr : "";
}

static void read_subject(struct args *args, struct request *q)
{
    q->message.subject = args_needed(args, "subject", 990);
    if (has_control(q->message.subject))
        args_fail(args, HEXMCP_E_INVALID,
                  "subject holds a line break or another control character; leave it out");
}

/* ---- files ---- */

static int32_t read_file(const hexmcp_round *r, struct args *args, struct request *q, const char *path,
                         size_t *left)
{
    size_t i = q->message.attachment_count;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (has_control(name) || !*name)
        return args_fail(args, HEXMCP_E_INVALID,
                         "the file %.*s cannot be attached under its name: it is empty or holds a control "
                         "character", SHOWN(path));
    int32_t status = source_read_file(r, path, *left, &q->files[i]);
    if (status != HEXMCP_OK)
        return status;
    *left -= q->files[i].len;
    q->attachments[i] = (struct attachment){name, message_type(name), {q->files[i].ptr, q->files[i].len}};
    q->message.attachment_count++;
    return HEXMCP_OK;
}

static int32_t read_artifact(const hexmcp_round *r, struct args *args, struct request *q, const char *uri,
                             size_t *left)
{
    size_t i = q->message.attachment_count;
    if (i == ATTACHMENTS_MOST)
        return args_fail(args, HEXMCP_E_TOO_LARGE, "there are more than %d attachments; send twice",
                         ATTACHMENTS_MOST);
    struct artifact *a = args_memory(args, sizeof(*a));
    if (!a)
        return args_status(args);
    *a = (struct artifact){.name = ""};
    int32_t status = artifact_read(r, uri, *left, a);
    if (status != HEXMCP_OK)
        return status;
    q->files[i] = a->bytes;
    if (has_control(a->name) || !*a->name)
        return args_fail(args, HEXMCP_E_INVALID,
                         "the artifact %.100s cannot be attached under its name: it is empty or holds a control "
                         "character", uri);
    *left -= q->files[i].len;
    q->attachments[i] = (struct attachment){a->name, a->type, {q->files[i].ptr, q->files[i].len}};
    q->message.attachment_count++;
    return HEXMCP_OK;
}

static int32_t read_files(const hexmcp_round *r, struct args *args, struct request *q)
{
    size_t count, left = ATTACHED_MOST;
    const char *const *paths = args_texts(args, "attachments", ATTACHMENTS_MOST, 4096, &count);
    int32_t status = args_status(args);
    q->message.attachments = q->attachments;
    for (size_t i = 0; i < count && status == HEXMCP_OK; i++)
        status = read_file(r, args, q, paths[i], &left);
    const char *const *uris = args_texts(args, "artifacts", ATTACHMENTS_MOST, 200, &count);
    status = status != HEXMCP_OK ? status : args_status(args);
    for (size_t i = 0; i < count && status == HEXMCP_OK; i++)
        status = read_artifact(r, args, q, uris[i], &left);
    return status;
}

/* ---- */

static void make_marks(struct request *q)
{
    unsigned char random[32];
    char text[65];
    randombytes_buf(random, sizeof(random));
    sodium_bin2hex(text, sizeof(text), random, sizeof(random));
    snprintf(q->boundary, sizeof(q->boundary), "%.32s", text);
    snprintf(q->id, sizeof(q->id), "%.32s@%s", text + 32, strrchr(q->from.mail, '@') + 1);
    q->message.boundary = q->boundary;
    q->message.id = q->id;
    q->message.time = time(NULL);
}

int32_t request_read(const hexmcp_round *r, struct args *args, struct settings *s, struct request *q)
{
    static const char *const operations[] = {"send", NULL};
    args_choice(args, "operation", operations, 0);
    q->provider = (enum provider)args_choice(args, "provider", provider_names, s->first);
    q->dry_run = args_bool(args, "dry_run", false);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 1000, 60000, 30000);
    read_from(args, s, q);
    read_reply_to(args, q);
    read_recipients(args, s, q);
    check_ascii(args, q);
    read_subject(args, q);
    read_body(args, q);
    if (!s->has[q->provider])
        args_fail(args, HEXMCP_E_NOT_FOUND,
                  "the operator has set up no account of %s; see \"%s\" in the settings of "
                  "hexmcp.email-sender",
                  provider_name(q->provider), provider_name(q->provider));
    int32_t status = args_status(args);
    if (status == HEXMCP_OK)
        status = read_files(r, args, q);
    if (status == HEXMCP_OK)
        make_marks(q);
    return status;
}

void request_free(struct request *q)
{
    for (size_t i = 0; i < ATTACHMENTS_MOST; i++)
        bytes_free(&q->files[i]);
    bytes_free(&q->stripped);
}

const char *request_recipient(const struct request *q, size_t at)
{
    const struct message *m = &q->message;
    if (at < m->to_count)
        return q->to[at].mail;
    at -= m->to_count;
    if (at < m->cc_count)
        return q->cc[at].mail;
    at -= m->cc_count;
    return at < q->bcc_count ? q->bcc[at].mail : NULL;
}
