// Electron's preload has set window.graft by now. The host answers this address with its own bridge instead of this file.
