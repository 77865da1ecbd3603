/** How the built app becomes a program for each system. */
export default {
  appId: 'org.dchat.desktop',
  productName: 'dchat',
  directories: { output: 'release', buildResources: 'build' },
  files: [
    'dist/main/index.js',
    'dist/preload/index.cjs',
    'dist/renderer/**',
    '!dist/renderer/**/gallery*',
    '!dist/renderer/service-worker.js',
    '!**/*.map',
  ],
  asar: true,
  // The build has everything in it: there are no packages to collect.
  beforeBuild: async () => false,
  // What Electron can do besides running this program is switched off in its file.
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  protocols: [{ name: 'dchat invite', schemes: ['dchat'] }],
  linux: {
    executableName: 'dchat',
    category: 'Network;InstantMessaging',
    synopsis: 'Messages and deals that belong to the people who make them',
    target: ['AppImage', 'deb'],
  },
  mac: {
    category: 'public.app-category.social-networking',
    hardenedRuntime: true,
    extendInfo: { NSCameraUsageDescription: 'dchat reads QR codes with the camera.' },
    target: ['dmg', 'zip'],
  },
  win: { target: 'nsis' },
}
