/*
 * SPDX-License-Identifier: MIT
 */
#include "settings.h"

#include <stdio.h>

#include "kit/args.h"

#define HOUR_MS ((int64_t)3600 * 1000)

const char *const provider_names[] = {"smtp", "sendgrid", "ses", NULL};
static const char *const tls_names[] = {"starttls", "implicit", "off", NULL};

const char *provider_name(enum provider provider)
{
    return provider_names[provider];
}

/* What the host has put where the settings name a secret: {{secret:NAME}}. */
static void read_secret(struct args *args, const char *key, char out[65])
{
    static const char open[] = "{{secret:";
    const char *handle = args_text(args, key, 100, "");
    size_t len = strlen(handle), prefix = sizeof(open) - 1;
    if (len == 0)
        return;
    if (len < prefix + 3 || len - prefix - 2 > 64 || strncmp(handle, open, prefix) != 0) {
        args_fail(args, HEXMCP_E_CONFIG, "%s%s must be {\"secret\": NAME}, never the value", args->name, key);
        return;
    }
    snprintf(out, 65, "%.*s", (int)(len - prefix - 2), handle + prefix);
}

static void copy(struct args *args, const char *key, char *out, size_t room, const char *fallback)
{
    snprintf(out, room, "%s", args_text(args, key, room - 1, fallback));
}

static void need(struct args *args, const char *key, char *out, size_t room)
{
    snprintf(out, room, "%s", args_needed(args, key, room - 1));
}

static size_t read_rules(struct args *args, const char *key, char out[][ADDRESS_MOST + 1])
{
    size_t count;
    const char *const *rules = args_texts(args, key, RULES_MOST, ADDRESS_MOST, &count);
    for (size_t i = 0; i < count; i++) {
        if (!address_rule_read(rules[i], out[i]))
            args_fail(args, HEXMCP_E_CONFIG,
                      "%s has \"%.100s\": write an address, @example.org, *.example.org or *", key, rules[i]);
    }
    return count;
}

static bool is_this_machine(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0;
}

static void read_smtp(struct args *all, struct settings *s)
{
    struct args args = args_object(all, "smtp");
    if (args.json.len == 0)
        return;
    need(&args, "host", s->host, sizeof(s->host));
    s->tls = (enum tls)args_choice(&args, "tls", tls_names, TLS_STARTTLS);
    s->port = (uint32_t)args_int(&args, "port", 1, 65535, s->tls == TLS_IMPLICIT ? 465 : 587);
    copy(&args, "user", s->user, sizeof(s->user), "");
    copy(&args, "caFile", s->ca_file, sizeof(s->ca_file), "");
    read_secret(&args, "password", s->password);
    if (s->tls == TLS_OFF && !is_this_machine(s->host))
        args_fail(&args, HEXMCP_E_CONFIG, "smtp.tls may be \"off\" for a server on this machine only");
    if (s->host[strcspn(s->host, "/@?# \"\\")] != '\0')
        args_fail(&args, HEXMCP_E_CONFIG, "smtp.host is no name of a host");
    s->has[PROVIDER_SMTP] = true;
}

static void read_sendgrid(struct args *all, struct settings *s)
{
    struct args args = args_object(all, "sendgrid");
    if (args.json.len == 0)
        return;
    read_secret(&args, "key", s->sendgrid_key);
    copy(&args, "url", s->sendgrid_url, sizeof(s->sendgrid_url), "https://api.sendgrid.com/v3/mail/send");
    if (!s->sendgrid_key[0])
        args_fail(&args, HEXMCP_E_CONFIG, "sendgrid.key is missing; write {\"secret\": \"sendgrid-key\"}");
    s->has[PROVIDER_SENDGRID] = true;
}

static void read_ses(struct args *all, struct settings *s)
{
    struct args args = args_object(all, "ses");
    char url[301];
    if (args.json.len == 0)
        return;
    need(&args, "region", s->ses_region, sizeof(s->ses_region));
    need(&args, "accessKeyId", s->ses_key_id, sizeof(s->ses_key_id));
    read_secret(&args, "secretKey", s->ses_secret);
    if (s->ses_region[strspn(s->ses_region, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
        args_fail(&args, HEXMCP_E_CONFIG, "ses.region is no region");
    snprintf(url, sizeof(url), "https://email.%s.amazonaws.com/v2/email/outbound-emails", s->ses_region);
    copy(&args, "url", s->ses_url, sizeof(s->ses_url), url);
    if (!s->ses_secret[0])
        args_fail(&args, HEXMCP_E_CONFIG, "ses.secretKey is missing; write {\"secret\": \"ses-secret-key\"}");
    s->has[PROVIDER_SES] = true;
}

static void read_all(struct args *args, struct settings *s)
{
    const char *from = args_text(args, "from", ADDRESS_MOST + ADDRESS_NAME_MOST + 3, NULL);
    const char *wrong = from ? address_read(from, &s->from) : NULL;
    if (wrong)
        args_fail(args, HEXMCP_E_CONFIG, "from: %s", wrong);
    s->recipient_count = read_rules(args, "recipients", s->recipients);
    s->sender_count = read_rules(args, "senders", s->senders);
    s->per_hour = (int)args_int(args, "maxPerHour", 1, PER_HOUR_MOST, 60);
    read_smtp(args, s);
    read_sendgrid(args, s);
    read_ses(args, s);
    size_t first = 0;
    while (first < PROVIDER_SES && !s->has[first])
        first++;
    s->first = (enum provider)args_choice(args, "provider", provider_names, first);
}

int32_t settings_read(struct settings *s, hexmcp_str json, hexmcp_error *err)
{
    struct args args = args_begin(json, err);
    char text[300];
    read_all(&args, s);
    int32_t status = args_status(&args);
    args_end(&args);
    if (status == HEXMCP_OK)
        return HEXMCP_OK;
    snprintf(text, sizeof(text), "%.299s", err->text);
    return hexmcp_fail(err, HEXMCP_E_CONFIG, "the settings of email-sender: %s", text);
}

bool settings_count(struct settings *s, int64_t now)
{
    pthread_mutex_lock(&s->mutex);
    while (s->sent_count > 0 && now - s->sent[s->sent_at] >= HOUR_MS) {
        s->sent_at = (s->sent_at + 1) % PER_HOUR_MOST;
        s->sent_count--;
    }
    bool may = s->sent_count < (size_t)s->per_hour;
    if (may)
        s->sent[(s->sent_at + s->sent_count++) % PER_HOUR_MOST] = now;
    pthread_mutex_unlock(&s->mutex);
    return may;
}
