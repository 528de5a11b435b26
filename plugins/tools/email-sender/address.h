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
    char mail[ADDRESS_MOST + 1];      /* the domain in small letters, and as xn--... */
};

/* "ann@example.org" or "Ann Example <ann@example.org>". NULL, or what is wrong with it. Quoted local parts,
 * comments, groups and numbers in place of a domain are not taken. */
const char *address_read(const char *text, struct address *address);

/* False if what stands before the "@" is not ASCII: then all servers on the way must know SMTPUTF8. */
bool address_is_ascii(const struct address *address);

/* Whether a rule, an address, "@example.org", "*.example.org" (what is below it) or "*", allows the address. */
bool address_allowed(const char *rule, const char *mail);

/* Reads a rule as an operator writes it. False for what is none. */
bool address_rule_read(const char *text, char rule[ADDRESS_MOST + 1]);
