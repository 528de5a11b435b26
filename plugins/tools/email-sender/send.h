/*
 * send.h - the ways a message goes out.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "request.h"

struct sent {
    char id[ID_ROOM];     /* of the message, as the provider knows it */
    char response[201];   /* the last line of the provider, for people */
};

/* [worker] `mail` is the whole message. An error says that nothing was sent, or that it is not known. */
int32_t smtp_send(const hexmcp_round *r, struct settings *settings, const struct request *request,
                  hexmcp_str mail, struct sent *sent);
int32_t sendgrid_send(const hexmcp_round *r, struct settings *settings, const struct request *request,
                      struct sent *sent);
int32_t ses_send(const hexmcp_round *r, struct settings *settings, const struct request *request,
                 hexmcp_str mail, struct sent *sent);
