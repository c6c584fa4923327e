"""The repository that the demo pushes: a small shop and the line that builds, checks and deploys it."""

from __future__ import annotations

WORKFLOW = """\
resources:
  - name: shop                  # every push to main, and every pull request, makes a version
    type: gitRepo
    versionTemplate:
      sourceName: demo/shop
      branch: main
      buildOnPullRequest: true

  - name: build_info            # build writes it, everything downstream reads it as $VERSION
    type: params
    versionTemplate:
      params:
        VERSION: none yet

  - name: ledger                # files that outlive a run; two jobs share them
    type: state

jobs:
  - name: build
    type: runSh
    steps:
      - IN: shop
      - IN: ledger
        switch: off
      - TASK:
          script:
            - cd "$SHOP_STATE"
            - version="1.$BUILD_NUMBER.0"
            - echo "building shop $version from $(git rev-parse --short HEAD)"
            - tar czf "$JOB_STATE/shop.tar.gz" src
            - shipctl put_resource_state build_info VERSION "$version"
            - shipctl copy_file_from_resource_state ledger builds.txt "$SHARED_DIR" > /dev/null
            - cat "$SHARED_DIR/builds.txt" > builds.txt 2> /dev/null || true
            - echo "$version $(git rev-parse --short HEAD)" >> builds.txt
            - shipctl copy_file_to_resource_state builds.txt ledger
      - OUT: build_info
        lanes: all
      - OUT: ledger

  - name: unit                  # unit and style run side by side
    type: runSh
    steps:
      - IN: build
        lanes: all
      - IN: shop
        switch: off
      - TASK:
          - script: cd "$SHOP_STATE" && sh test/unit.sh

  - name: style
    type: runSh
    steps:
      - IN: build
        lanes: all
      - IN: shop
        switch: off
      - TASK:
          - script: cd "$SHOP_STATE" && ! grep -rn "TODO" src && echo "no loose ends"

  - name: package
    type: runSh
    dependencyMode: strict      # once both checks are done and green
    steps:
      - IN: unit
        lanes: all
      - IN: style
        lanes: all
      - IN: build_info
        switch: off
      - TASK:
          - script: echo "packaged shop $VERSION"

  - name: deploy-test
    type: runSh
    steps:
      - IN: package
      - IN: build_info
        switch: off
      - TASK:
          - script: echo "shop $VERSION is on the test machines"

  - name: deploy-prod
    type: runSh
    gate:                       # waits for people, whatever starts it
      approvers: [alice]
    steps:
      - IN: deploy-test
      - IN: build_info
        switch: off
      - IN: ledger
        switch: off
      - TASK:
          script:
            - echo "shop $VERSION goes to production"
            - echo "builds so far:" && cat "$LEDGER_STATE/builds.txt"
"""

FILES = {
    "gateline.yml": WORKFLOW,
    "src/shop.sh": '#!/bin/sh\necho "welcome to the shop"\n',
    "test/unit.sh": 'set -e\ntest "$(sh src/shop.sh)" = "welcome to the shop"\necho "1 test passed"\n',
}

CHANGE = {
    "src/shop.sh": '#!/bin/sh\necho "welcome to the new shop"\n',
    "test/unit.sh": 'set -e\ntest "$(sh src/shop.sh)" = "welcome to the new shop"\necho "1 test passed"\n',
}
