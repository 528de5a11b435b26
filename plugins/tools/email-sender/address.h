/*
 * address.h - addresses of electronic mail.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "kit/bytes.h"

#define ADDRESS_MOST 254
#define ADDRESS_NAME_MOST 200

struct address {
    char name[ADDRESS_NAME_MOST + 1]; /* "" : none */
    char mail[ADDRESS_MOST + 1];      /* the domain in small letters */
};

/* "ann@example.org" or "Ann Example <ann@example.org>". NULL, or what is wrong with it. Quoted local parts,
 * comments and groups are not taken, nor what is no ASCII before or behind the "@". */
const char *address_read(const char *text, struct address *address);

/* Whether a rule, an address, "@example.org", "*.example.org" (what is below it) or "*", allows the address. */
bool address_allowed(const char *rule, const char *mail);

/* False for what is no rule. */
bool address_rule_valid(const char *rule);
