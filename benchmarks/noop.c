/* The yardstick of encoding.py: a function that takes one argument and does nothing with it. */
#include <Python.h>

static PyObject *
noop(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(argument))
{
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"noop", noop, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "noop", .m_methods = methods};

PyMODINIT_FUNC
PyInit_noop(void)
{
    return PyModuleDef_Init(&definition);
}
