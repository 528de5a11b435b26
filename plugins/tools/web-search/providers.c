/*
 * SPDX-License-Identifier: MIT
 */
#include "provider.h"

const struct provider *const providers[] = {
    &provider_tavily, &provider_serper,  &provider_brave,   &provider_exa,
    &provider_google, &provider_serpapi, &provider_searxng, &provider_duckduckgo,
    NULL};

int provider_find(const char *name)
{
    for (int i = 0; providers[i]; i++)
        if (strcmp(providers[i]->name, name) == 0)
            return i;
    return -1;
}
