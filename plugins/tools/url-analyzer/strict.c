/*
 * SPDX-License-Identifier: MIT
 */
#include "strict.h"

#include <uriparser/Uri.h>

long strict_fault(hexmcp_str text)
{
    UriUriA uri;
    const char *at = NULL;
    if (text.len == 0)
        return 0;
    if (uriParseSingleUriExA(&uri, text.ptr, text.ptr + text.len, &at) != URI_SUCCESS)
        return at && at >= text.ptr && at <= text.ptr + text.len ? (long)(at - text.ptr) : 0;
    bool absolute = uri.scheme.first != NULL;
    uriFreeUriMembersA(&uri);
    return absolute ? -1 : 0;
}
