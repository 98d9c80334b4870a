/* SPDX-License-Identifier: MIT */
/*
 * A module that is MODULE, started with INIT_ARGS as pReserved: some modules do not start without, and most programs
 * have no way to say it. Both are defined when it is compiled, so no program has to keep an environment for it.
 * It offers the functions of version 2.40.
 */
#include "pkcs11.h"

#include <dlfcn.h>
#include <stddef.h>

static CK_FUNCTION_LIST functions;
static CK_C_Initialize start;

static CK_RV initialize(CK_VOID_PTR given)
{
    CK_C_INITIALIZE_ARGS arguments = { NULL_PTR, NULL_PTR, NULL_PTR, NULL_PTR, 0, NULL_PTR };
    static CK_UTF8CHAR reserved[] = INIT_ARGS;
    if (given != NULL_PTR) { arguments = *(CK_C_INITIALIZE_ARGS_PTR)given; }
    arguments.pReserved = reserved;
    return start(&arguments);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
    CK_C_GetFunctionList getFunctionList = NULL_PTR;
    CK_FUNCTION_LIST_PTR real = NULL_PTR;
    void *module;
    CK_RV result;
    if (list == NULL_PTR) { return CKR_ARGUMENTS_BAD; }
    if (start == NULL_PTR) {
        module = dlopen(MODULE, RTLD_NOW);
        if (module == NULL) { return CKR_GENERAL_ERROR; }
        *(void **)&getFunctionList = dlsym(module, "C_GetFunctionList");
        if (getFunctionList == NULL_PTR) { return CKR_GENERAL_ERROR; }
        result = getFunctionList(&real);
        if (result != CKR_OK) { return result; }
        functions = *real;
        functions.C_GetFunctionList = C_GetFunctionList;
        functions.C_Initialize = initialize;
        start = real->C_Initialize;
    }
    *list = &functions;
    return CKR_OK;
}
