/*
 * names.h - what a host's name means to people: its own letters, what it looks like, to whom it belongs.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "kit/bytes.h"

/* Adds the name with its own letters in the place of xn--. false if it has none, or they mean nothing. */
bool names_unicode(const char *name, struct bytes *out);

enum lookalike { LOOKS_PLAIN, LOOKS_MIXED, LOOKS_LATIN };

/* LOOKS_MIXED: a label mixes Latin letters with those of another script that resemble them. LOOKS_LATIN: a
 * label is made of such letters alone. For both `latin` gets the name that it resembles. */
enum lookalike names_resemble(const char *unicode, struct bytes *latin);

/* The public suffix ("co.uk") and the name that was registered below it ("example.co.uk"), NULL where there
 * is none; false if this build has no list of them. Both are parts of `name`. */
bool names_suffix(const char *name, const char **suffix, const char **registrable);
