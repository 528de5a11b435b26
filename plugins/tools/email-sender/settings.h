/*
 * settings.h - the account that mail is sent by, and whom it may be sent to.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <pthread.h>

#include "address.h"
#include "hexmcp/simple.h"

#define RULES_MOST 200
#define PER_HOUR_MOST 1000

enum provider { PROVIDER_SMTP, PROVIDER_SENDGRID, PROVIDER_SES, PROVIDERS };
enum tls { TLS_STARTTLS, TLS_IMPLICIT, TLS_OFF };

struct settings {
    struct address from; /* "" : none is set */
    char recipients[RULES_MOST][ADDRESS_MOST + 1];
    size_t recipient_count;
    char senders[RULES_MOST][ADDRESS_MOST + 1]; /* besides `from` */
    size_t sender_count;
    bool has[PROVIDERS];
    enum provider first; /* that is used when none is given */

    char host[254];
    uint32_t port;
    char user[255];
    enum tls tls;
    char ca_file[1025]; /* "": those of the system */
    char password[65];  /* names of secrets; "": none */

    char sendgrid_key[65];
    char sendgrid_url[301];

    char ses_region[41];
    char ses_key_id[129];
    char ses_secret[65];
    char ses_url[301];

    pthread_mutex_t mutex;
    int per_hour;
    int64_t sent[PER_HOUR_MOST]; /* milliseconds of the monotonic clock, a ring */
    size_t sent_at;
    size_t sent_count;
};

/* [loop] HEXMCP_E_CONFIG with a text for what does not fit. */
int32_t settings_read(struct settings *settings, hexmcp_str json, hexmcp_error *err);

const char *provider_name(enum provider provider);
extern const char *const provider_names[];

/* One more message: false if per_hour were sent within the last hour. */
bool settings_count(struct settings *settings, int64_t now_ms);
