/*
 * link.h - addresses of pages: made whole, normal, and taken apart (RFC 3986).
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Longest address that is taken. */
#define LINK_MAX ((size_t)8192)

/* The absolute address of `ref` as it stands on the page `base`, in normal form, to be freed; NULL if it is
 * none, or memory is short. What browsers mend is mended: blanks around it, line breaks in it, and characters
 * that have to be percent-encoded. */
char *link_resolve(const char *base, const char *ref, size_t len);

/* The same for an address that is absolute itself. */
char *link_clean(const char *url);

/* Whether it is one of http or https with a host and without a user. */
bool link_is_web(const char *url);

/* The beginning up to the path, "https://example.org:8443", to be freed; NULL without memory. */
char *link_origin(const char *url);

/* The path with the query, which begin with "/"; to be freed. */
char *link_path(const char *url);

bool link_same_host(const char *a, const char *b);

/* Cuts the part behind "#". */
void link_drop_fragment(char *url);
