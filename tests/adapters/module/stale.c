/* Looks like a module of an older build; without BUILD_ID like no module at all. */
#define EXPORT __attribute__((visibility("default")))

EXPORT void hexmcp_module_entry(void);

void hexmcp_module_entry(void)
{
}

#ifdef BUILD_ID
extern const char hexmcp_module_build_id[];
EXPORT const char hexmcp_module_build_id[] = BUILD_ID;
#endif
