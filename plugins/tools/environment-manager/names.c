/*
 * SPDX-License-Identifier: MIT
 */
#include "names.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char *const secrets[] = {
    "*PASSWORD*", "*PASSWD*", "*PASSPHRASE*", "*SECRET*", "*KEY*",    "*TOKEN*", "*CREDENTIAL*", "*AUTH*",
    "AWS_*",      "AZURE_*",  "GCP_*",        "*_PRIVATE_*", "SSH_*", "API_*"};

bool name_is_valid(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return len > 0 && len <= NAME_MAX_BYTES && name[len] == '\0' && !isdigit((unsigned char)name[0]);
}

bool name_is_secret(const char *name)
{
    char upper[NAME_MAX_BYTES + 1];
    size_t len = strlen(name);
    if (len > NAME_MAX_BYTES)
        return true;
    for (size_t i = 0; i <= len; i++)
        upper[i] = (char)toupper((unsigned char)name[i]);
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        if (fnmatch(secrets[i], upper, 0) == 0)
            return true;
    return false;
}

char *value_masked(const char *value)
{
    /* Each password is replaced by three characters; an empty one makes it longer. */
    char *out = malloc(4 * strlen(value) + 1), *to = out;
    while (out && *value) {
        const char *user = strstr(value, "://");
        const char *end = user ? user + 3 + strcspn(user + 3, "/?# \t\n") : NULL;
        const char *at = user ? memchr(user, '@', (size_t)(end - user)) : NULL;
        for (const char *next = at; next; next = memchr(next + 1, '@', (size_t)(end - next - 1)))
            at = next;
        const char *colon = at ? memchr(user + 3, ':', (size_t)(at - user - 3)) : NULL;
        const char *rest = !user ? value + strlen(value) : at && colon ? at : end;
        const char *shown = colon ? colon + 1 : rest;
        memcpy(to, value, (size_t)(shown - value));
        to += shown - value;
        if (colon) {
            memcpy(to, "***", 3);
            to += 3;
        }
        value = rest;
        if (!user)
            break;
    }
    if (out)
        *to = '\0';
    return out;
}
