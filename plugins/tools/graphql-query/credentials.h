/*
 * credentials.h - secrets in what goes over a WebSocket.
 *
 * SPDX-License-Identifier: MIT
 *
 * The host puts secrets into requests of HTTP alone; here the tool has to. So these are secrets that the
 * operator has named for it, in the settings, each with the hosts that may get it.
 */
#pragma once

#include "place.h"
#include "settings.h"

#define CREDENTIAL_ROOM 2049

struct credentials {
    const hexmcp_round *r;
    const struct settings *settings;
    const struct place *place;
    struct credential {
        char name[SETTINGS_NAME];
        char value[CREDENTIAL_ROOM];
    } used[SETTINGS_SECRETS];
    size_t count;
};

enum credential_coding { CREDENTIAL_PLAIN, CREDENTIAL_HEADER, CREDENTIAL_PERCENT };

/* [worker] Adds `text` with values in the place of handles. HEXMCP_E_DENIED for a secret that may not go
 * there; HEXMCP_E_INVALID for a value with control characters in a header. */
int32_t credentials_fill(struct credentials *c, hexmcp_str text, enum credential_coding coding,
                         struct bytes *out);

/* Adds `text`, JSON, with handles in the place of the values that were used. false if memory is short. */
bool credentials_hide(const struct credentials *c, hexmcp_str text, struct bytes *out);

void credentials_forget(struct credentials *c);
